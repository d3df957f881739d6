# The afk command on a small Node image: nothing in it is writable, and it runs as nobody in particular.
# Build with another base, for example one of your own registry or pinned by digest:
#   docker build --build-arg BASE=registry.example/node:24-slim@sha256:… .
# The base needs Node 22.20 or newer, npm and a shell. test/image/build.sh builds and tries this file without a registry.
ARG BASE=node:24-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY bin ./bin
COPY src ./src
RUN ["node", "bin/build.js"]

# The packages are inside dist/, with their licences in dist/LICENSES.txt: there is nothing to install.
FROM ${BASE}
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/bin/afk.js ./bin/
COPY --from=build /build/dist ./dist
RUN ["node", "bin/afk.js", "--version"]
USER 65532:65532
ENTRYPOINT ["node", "/app/bin/afk.js"]
CMD ["poll", "--dry-run"]
