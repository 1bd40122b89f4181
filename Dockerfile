# Muster in a container: settings, keys and pictures live in the volume /school, owned by the account 10001.
FROM python:3.11-slim-bookworm

# The newest fixes of the base, and nothing more: every library comes as a wheel.
RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 muster && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin muster

WORKDIR /opt/source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY integrations integrations
COPY locales locales
RUN python3 -m venv /opt/muster && /opt/muster/bin/pip install --no-cache-dir -c constraints.txt .
RUN install -d -o muster -g muster -m 0700 /school && rm -rf /opt/source

ENV PATH=/opt/muster/bin:$PATH
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /school
USER muster
VOLUME /school
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/opt/muster/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["/opt/muster/bin/muster"]
CMD ["run"]
