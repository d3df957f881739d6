# The afk command on a small Node image: nothing in it is writable, and it runs as nobody in particular.
# Build with another base, for example one of your own registry or pinned by digest:
#   docker build --build-arg BASE=registry.example/node:24-slim@sha256:… .
# The base needs Node 22.20 or newer, npm and a shell. test/image/build.sh builds and tries this file without a registry.
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY bin ./bin
COPY src ./src
# What only editors and debuggers read (types, sources, maps) stays behind; licences do not.
RUN node node_modules/typescript/bin/tsc -p tsconfig.json \
  && npm prune --omit=dev --ignore-scripts \
  && rm -rf node_modules/zod/src node_modules/.package-lock.json \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' \) -delete

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
