# syntax=docker/dockerfile:1
# The image holds one static program and nothing else: no shell, no package manager, no root.

# 1. The web interface. Without sources in ui/ the stage passes on what is there.
FROM node:22-bookworm-slim AS ui
WORKDIR /src
COPY scripts scripts
COPY ui ui
RUN ./scripts/ui.sh

# 2. The program, by the same target that people use.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=ui /src/ui/dist ui/dist
ARG VERSION=dev
RUN SKIP_UI=1 make build VERSION="$VERSION" && mkdir -p /out/data && cp bin/tenon /out/tenon

# 3. What runs. The program brings its own time zones; certificates are for what it will call.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build /out/tenon /tenon
ENV TENON_ADDR=0.0.0.0:8080 TENON_DATA=/data TENON_LOG=info,json
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["/tenon", "health"]
ENTRYPOINT ["/tenon"]
CMD ["serve"]
