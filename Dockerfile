# The afk command on a small Node image: nothing in it is writable, and it runs as nobody in particular.
# Build with another base, for example one of your own registry: --build-arg BASE=registry.example/node:24-slim
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY bin ./bin
COPY src ./src
RUN npm ci --ignore-scripts && node node_modules/typescript/bin/tsc -p tsconfig.json && npm prune --omit=dev --ignore-scripts

FROM ${BASE}
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
COPY --from=build /build/node_modules ./node_modules
RUN ["node", "bin/afk.js", "--version"]
USER 65532:65532
ENTRYPOINT ["node", "/app/bin/afk.js"]
CMD ["poll", "--dry-run"]
