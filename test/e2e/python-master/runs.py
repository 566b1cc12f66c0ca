"""Runs of tasks as real processes, reported by docs/protocol.md."""

import collections
import json
import os
import signal
import subprocess
import threading
import time

from agentflow.v1 import node_sync_pb2 as pb

CANCEL_GRACE_S = 5.0
TAIL_BYTES = 4096


def now_ms():
    return int(time.time() * 1000)


class Run:
    """One run: its process group, its output and its end."""

    def __init__(self, request, link, data_dir, on_end):
        self.request = request
        self.link = link
        self.on_end = on_end
        self.state = pb.RUN_STATE_STARTING
        self.process = None
        self.outcome = None
        self.limit = None
        self.left_s = request.timeout_ms / 1000
        self.lengths = {pb.LINE_STREAM_OUT: 0, pb.LINE_STREAM_ERR: 0}
        self.tail = collections.deque(maxlen=20)
        self.result_file = os.path.join(data_dir, "result-%d.json" % request.fence)

    @property
    def pid(self):
        return 0 if self.process is None else self.process.pid

    @property
    def is_over(self):
        return self.state == pb.RUN_STATE_ENDED

    def held(self):
        return pb.RunInventory(
            task_id=self.request.task_id,
            attempt=self.request.attempt,
            fence=self.request.fence,
            state=self.state,
            pid=self.pid,
            out_bytes=self.lengths[pb.LINE_STREAM_OUT],
            err_bytes=self.lengths[pb.LINE_STREAM_ERR],
        )

    # --- start to end ---

    def start(self):
        payload = json.loads(self.request.payload_json)
        command = payload["command"]
        has_input = "stdin" in payload or payload.get("stdinOpen", False)
        try:
            self.process = subprocess.Popen(
                ["sh", "-c", command] if isinstance(command, str) else command,
                cwd=payload.get("cwd"),
                env={**os.environ, **payload.get("env", {}), **self.task_environment()},
                stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self.end(pb.RunEnd(outcome=pb.RUN_OUTCOME_SPAWN_FAILED, message=str(error), progress=-1))
            return
        self.change(pb.RUN_STATE_RUNNING)
        threading.Thread(target=self.watch, args=(payload,), daemon=True).start()

    def task_environment(self):
        return {
            "AGENTFLOW_TASK_ID": self.request.task_id,
            "AGENTFLOW_ATTEMPT": str(self.request.attempt),
            "AGENTFLOW_FENCE": str(self.request.fence),
            "AGENTFLOW_IDEMPOTENCY_KEY": self.request.idempotency_key,
            "AGENTFLOW_RESULT_FILE": self.result_file,
        }

    def watch(self, payload):
        readers = [
            threading.Thread(target=self.read, args=(stream, pipe), daemon=True)
            for stream, pipe in (
                (pb.LINE_STREAM_OUT, self.process.stdout),
                (pb.LINE_STREAM_ERR, self.process.stderr),
            )
        ]
        for reader in readers:
            reader.start()
        if "stdin" in payload:
            self.process.stdin.write(payload["stdin"].encode())
        if self.process.stdin is not None and not payload.get("stdinOpen", False):
            self.process.stdin.close()
        self.count_time()
        code = self.process.wait()
        self.stop_counting()
        self.signal(signal.SIGKILL)
        for reader in readers:
            reader.join()
        self.end(self.end_of(code))

    def read(self, stream, pipe):
        for raw in pipe:
            offset = self.lengths[stream]
            self.lengths[stream] += len(raw)
            text = raw.rstrip(b"\n").decode("utf-8", "replace")
            self.tail.append(text)
            self.link.add_lines(
                pb.LineBatch(
                    task_id=self.request.task_id,
                    attempt=self.request.attempt,
                    fence=self.request.fence,
                    stream=stream,
                    offset=offset,
                    next_offset=offset + len(raw),
                    lines=[pb.LogLine(at=now_ms(), level=pb.LINE_LEVEL_INFO, text=text)],
                )
            )

    def end_of(self, code):
        outcome = self.outcome or (pb.RUN_OUTCOME_SUCCEEDED if code == 0 else pb.RUN_OUTCOME_EXIT)
        end = pb.RunEnd(outcome=outcome, progress=-1, tail="\n".join(self.tail)[-TAIL_BYTES:])
        end.out_bytes = self.lengths[pb.LINE_STREAM_OUT]
        end.err_bytes = self.lengths[pb.LINE_STREAM_ERR]
        if code >= 0:
            end.exit_code = code
        else:
            end.signal = signal.Signals(-code).name
        if os.path.exists(self.result_file):
            with open(self.result_file, encoding="utf-8") as file:
                end.value_json = json.dumps(json.load(file))
        return end

    # --- control ---

    def count_time(self):
        """The time limit counts while the run is not paused."""
        if self.request.timeout_ms == 0:
            return
        self.counted_from = time.monotonic()
        self.limit = threading.Timer(self.left_s, self.stop, (pb.RUN_OUTCOME_TIMEOUT,))
        self.limit.daemon = True
        self.limit.start()

    def stop_counting(self):
        if self.limit is not None:
            self.limit.cancel()
            self.left_s -= time.monotonic() - self.counted_from
            self.limit = None

    def pause(self):
        self.stop_counting()
        self.signal(signal.SIGSTOP)
        self.change(pb.RUN_STATE_PAUSED)

    def resume(self):
        self.signal(signal.SIGCONT)
        self.change(pb.RUN_STATE_RUNNING)
        self.count_time()

    def stop(self, outcome):
        """TERM, then KILL after a grace; returns True when KILL was needed."""
        self.outcome = outcome
        self.change(pb.RUN_STATE_STOPPING)
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        try:
            self.process.wait(CANCEL_GRACE_S)
            return False
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
            return True

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    # --- reports ---

    def change(self, state):
        with self.link.changed:
            if self.state == pb.RUN_STATE_ENDED:
                return
            self.state = state
            self.report()

    def end(self, end):
        with self.link.changed:
            # In one step: a run that is over and not reported would be forgotten.
            self.state = pb.RUN_STATE_ENDED
            self.report(end)
        self.on_end(self)

    def report(self, end=None):
        self.link.report(
            task_update=pb.TaskStatusUpdate(
                task_id=self.request.task_id,
                attempt=self.request.attempt,
                fence=self.request.fence,
                state=self.state,
                pid=0 if end is not None else self.pid,
                end=end,
            )
        )
