# The exporter, and the demo healer beside it. docker-compose.yml runs it with Prometheus, Alertmanager and Grafana.

# The full image: SQLite's binding is compiled.
FROM node:20.19.5-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig*.json ./
COPY scripts ./scripts
COPY src ./src
COPY demo ./demo
RUN npm run build && npm prune --omit=dev

FROM node:20.19.5-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
# Inside a container every address is the container's own: publish the port where only those may reach it who may post.
CMD ["serve", "--storage.path=/data", "--web.listen-address=:9464", "--web.insecure-no-auth=true"]
