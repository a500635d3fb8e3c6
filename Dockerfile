# Stammkunde from this tree: packages by the lock file with its hashes, our own as a wheel. Nothing of the build is left.
FROM python:3.11-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/stammkunde
COPY requirements/base.lock requirements/base.lock
RUN /opt/stammkunde/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/base.lock
COPY pyproject.toml README.md LICENSE ./
COPY data data
COPY src src
RUN /opt/stammkunde/bin/hatchling build -t wheel -d dist \
    && /opt/stammkunde/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index dist/*.whl

FROM python:3.11-slim-bookworm
COPY --from=build /opt/stammkunde /opt/stammkunde
RUN useradd --system --uid 10001 --home-dir /var/lib/stammkunde --shell /usr/sbin/nologin stammkunde \
    && install --directory --mode=700 --owner=stammkunde --group=stammkunde /var/lib/stammkunde
ENV PATH=/opt/stammkunde/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    STAMMKUNDE_DATA=/var/lib/stammkunde
USER 10001
WORKDIR /var/lib/stammkunde
VOLUME /var/lib/stammkunde
EXPOSE 8000
# /readyz, not /healthz: it answers only where the database does.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["stammkunde"]
CMD ["serve", "--host", "0.0.0.0"]
