# A machine that listens on its own: a microphone, a bundle, a store of events, and somebody to send them to.
#
#   docker build -f deploy/edge.Dockerfile -t auscult-edge .
#   docker run --read-only --tmpfs /tmp --device /dev/snd --group-add audio \
#     -v $PWD/fan.onnx:/bundle.onnx:ro -v auscult:/data -e AUSCULT_FORWARD_KEY auscult-edge \
#     listen /bundle.onnx --source mic --plain --events --store /data/events.sqlite --forward https://ears.example
ARG BASE=docker.io/library/python:3.12-slim-bookworm

FROM ${BASE} AS build
ENV AUSCULT_NO_PAGE=1
WORKDIR /src
COPY . .
# Without pip inside and without byte code the environment holds nothing but what runs.
RUN python3 -m venv --without-pip /opt/auscult \
    && python3 -m pip --python /opt/auscult/bin/python install --no-cache-dir --no-compile '.[edge]'
# The health check's own machine: learned here, so that asking whether all is well takes a second.
RUN /opt/auscult/bin/auscult data simulate /tmp/fan --normal 12 --anomaly 1 --seconds 10 \
    && mkdir /opt/selftest \
    && /opt/auscult/bin/auscult learn /tmp/fan/fan/id_00/normal --preset edge -o /opt/selftest/fan.onnx \
    && cp /tmp/fan/fan/id_00/abnormal/00000000.wav /opt/selftest/check.wav

FROM ${BASE}
# PortAudio hears microphones.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libportaudio2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/auscult /opt/auscult
COPY --from=build /opt/selftest /opt/selftest
RUN mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/auscult/bin:$PATH OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp \
    AUSCULT_BEAT=/tmp/auscult-beat
USER 10001:10001
VOLUME /data
# Whether this machine can do the work, and whether whoever listens goes on: it touches the file.
HEALTHCHECK --interval=5m --timeout=60s --start-period=30s --retries=3 \
    CMD ["/opt/auscult/bin/auscult", "selftest", "/opt/selftest/check.wav", "--bundle", "/opt/selftest/fan.onnx", "--beat", "/tmp/auscult-beat"]
ENTRYPOINT ["/opt/auscult/bin/auscult"]
CMD ["selftest", "/opt/selftest/check.wav", "--bundle", "/opt/selftest/fan.onnx"]
