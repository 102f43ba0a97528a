# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json vite.config.ts ./
COPY scripts scripts
COPY src src
# The playground stays behind: production has no use for a simulated Defender.
RUN npm run build && rm -rf dist/playground

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE policy.example.yaml ./
COPY manifests manifests
# The folder of the embedded database, for DATA_DIR=/data.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000 9464
HEALTHCHECK --interval=15s --timeout=4s --start-period=30s --retries=3 CMD ["node", "-e", \
  "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/cli.js", "start"]
