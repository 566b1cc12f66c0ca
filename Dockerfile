# syntax=docker/dockerfile:1
ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-bookworm-slim AS build
# SQLite's module is compiled where no prebuilt one can be fetched.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts && npm rebuild better-sqlite3 esbuild
COPY . .
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production AGENTFLOW_DATA=/data
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# Volumes take over the owner of the folder that they are mounted on.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/agentflow \
  && install -d -o node -g node -m 0700 /data /join
USER node
EXPOSE 8100 8150
ENTRYPOINT ["agentflow"]
CMD ["--help"]
