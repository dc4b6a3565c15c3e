# The gateway and its page, for any engine: docker build -t price-stream .
# docs/deploy.md says how to run it.

# The page. It takes prices from where it is served.
FROM node:24-trixie-slim AS page
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY client/package.json client/
COPY server/package.json server/
COPY web/package.json web/
COPY doctor/package.json doctor/
RUN npm ci -w client -w web
COPY tsconfig.base.json ./
COPY client client
COPY web web
RUN npm run -s build && mkdir state

# What the gateway needs to run, and nothing else.
FROM node:24-trixie-slim AS modules
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY client/package.json client/
COPY server/package.json server/
COPY web/package.json web/
COPY doctor/package.json doctor/
# npm leaves what the page needs: that is in its bundle already.
RUN npm ci --omit=dev -w server && rm -r node_modules/react node_modules/react-dom node_modules/scheduler

# Node.js and the libraries that it needs: no shell, no npm, and glibc, on which docs/performance.md was measured.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
WORKDIR /app
ENV NODE_ENV=production
COPY LICENSE ./
COPY --from=modules /app/node_modules node_modules
COPY client/package.json client/
COPY client/src client/src
COPY server/package.json server/
COPY server/src server/src
COPY deploy/healthcheck.ts deploy/
COPY --from=page /app/web/dist web/dist
# An empty volume takes its owner from here.
COPY --from=page --chown=65532:65532 /app/state /var/lib/price-stream
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["/nodejs/bin/node", "deploy/healthcheck.ts"]
# Node.js is the first process and gets SIGTERM itself: it drains, and exits within 23 s.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=4", "server/src/cli/main.ts"]
CMD ["serve"]
