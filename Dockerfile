# One image for the gateway and its tools. Two stages: nothing of the build stays.
FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /opt/casefold \
 && /opt/casefold/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY cache cache
COPY domain domain
COPY events events
COPY resolvers resolvers
COPY sandbox sandbox
COPY sources sources
COPY web web
RUN /opt/casefold/bin/pip install --no-cache-dir "setuptools>=77" \
 && /opt/casefold/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/casefold/bin/pip uninstall --yes setuptools pip

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/casefold --create-home casefold
COPY --from=build /opt/casefold /opt/casefold
ENV PATH=/opt/casefold/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CASEFOLD_HOST=0.0.0.0 \
    CASEFOLD_DATA_DIR=/var/lib/casefold
USER casefold
WORKDIR /var/lib/casefold
VOLUME /var/lib/casefold
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s --start-period=5s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=1)"]
ENTRYPOINT ["casefold"]
CMD ["serve"]
