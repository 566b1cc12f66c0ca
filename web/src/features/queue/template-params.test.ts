import { expect, it } from 'vitest'
import { firstTexts, type Parameter, paramsOf } from './template-params.js'

const parameter = (type: Parameter['type'], change: Partial<Parameter> = {}): Parameter => ({
  type,
  required: false,
  default: null,
  enum: null,
  description: '',
  ...change,
})
const parameters = {
  service: parameter('string', { required: true }),
  greeting: parameter('string', { default: 'hello' }),
  replicas: parameter('number', { default: 3 }),
  urgent: parameter('boolean'),
  zone: parameter('string', { default: 'a', enum: ['a', 'b'] }),
}

it('a form starts with the defaults', () => {
  expect(firstTexts(parameters)).toEqual({
    service: '',
    greeting: 'hello',
    replicas: '3',
    urgent: '',
    zone: 'a',
  })
})

it('each value is sent in its own type', () => {
  const texts = { service: '007', greeting: 'hi', replicas: '2.5', urgent: 'false', zone: 'b' }
  expect(paramsOf(parameters, texts)).toEqual({
    service: '007',
    greeting: 'hi',
    replicas: 2.5,
    urgent: false,
    zone: 'b',
  })
})

it('what is left empty is not given; a wiped out default of a free text is an empty text', () => {
  const texts = { service: '', greeting: '', replicas: '', urgent: '', zone: '' }
  expect(paramsOf(parameters, texts)).toEqual({ greeting: '' })
})
