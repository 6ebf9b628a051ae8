# The server and its page. It starts only with a key, since others can reach it: AUSCULT_KEYS.
#
#   docker build -f deploy/server.Dockerfile -t auscult-server .
#   docker run --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 -v auscult:/data \
#     -e AUSCULT_KEYS=... -e AUSCULT_ALLOWED_HOSTS=ears.example auscult-server
ARG BASE=docker.io/library/python:3.12-slim-bookworm

FROM ${BASE} AS build
# Where a proxy stands before the network: its certificate, in a file that the build can see.
ARG NODE_EXTRA_CA_CERTS
WORKDIR /src
COPY . .
# The page is built on the way, unless it lies there ready; Node comes with the build and stays behind with it.
# Without pip inside and without byte code the environment holds nothing but what runs.
RUN python3 -m venv --without-pip /opt/auscult \
    && python3 -m pip --python /opt/auscult/bin/python install --no-cache-dir --no-compile '.[server,streams,notify,postgres]'
# The health check's own machine: learned here, so that asking whether all is well takes a second.
RUN /opt/auscult/bin/auscult data simulate /tmp/fan --normal 12 --anomaly 1 --seconds 10 \
    && mkdir /opt/selftest \
    && /opt/auscult/bin/auscult learn /tmp/fan/fan/id_00/normal --preset edge -o /opt/selftest/fan.onnx \
    && cp /tmp/fan/fan/id_00/abnormal/00000000.wav /opt/selftest/check.wav

FROM ${BASE}
COPY --from=build /opt/auscult /opt/auscult
COPY --from=build /opt/selftest /opt/selftest
RUN mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/auscult/bin:$PATH OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER 10001:10001
VOLUME /data
# Whether this machine can do the work, and whether the server answers.
HEALTHCHECK --interval=5m --timeout=60s --start-period=30s --retries=3 \
    CMD ["/opt/auscult/bin/auscult", "selftest", "/opt/selftest/check.wav", "--bundle", "/opt/selftest/fan.onnx", "--server", "http://127.0.0.1:8000"]
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/auscult/bin/auscult"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--data-dir", "/data"]
