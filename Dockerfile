# One image for the API and the worker:
#   docker build -t samband .
#   docker run --env-file samband.env -p 127.0.0.1:8400:8400 samband
#   docker run --env-file samband.env --no-healthcheck samband worker      (a worker listens on no port)

FROM python:3.12.11-slim-bookworm AS packages
COPY requirements.lock /
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --no-deps --require-hashes --only-binary :all: \
        -r /requirements.lock

FROM python:3.12.11-slim-bookworm
LABEL org.opencontainers.image.title="Samband" org.opencontainers.image.licenses="MIT"
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /samband
COPY --from=packages /venv /venv
COPY . .
# Nothing here is writable for the service; data is in PostgreSQL.
USER 10001:10001
EXPOSE 8400
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8400/health/live', timeout=2)"]
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8400"]
