# The shop as an image: web server and worker are the same image, started differently (compose.yaml).
FROM python:3.11-slim AS build
WORKDIR /shop
ENV PYTHONDONTWRITEBYTECODE=1
COPY requirements requirements
COPY scripts/install.py scripts/install.py
RUN python scripts/install.py base
COPY . .
# Static files are hashed and compressed here, so that no start waits 20 s for it. The values below
# only let the settings load: none of them stays in the image.
RUN random() { python -c 'import secrets; print(secrets.token_urlsafe(64))'; }; \
    CLAWSTORE_MODE=production DATA_DIR=/tmp/build STATIC_ROOT=/shop/static-built \
    SECRET_KEY="$(random)" ADDRESS_SALT="$(random)" \
    BASE_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
    CONTACT_EMAIL=build@build.invalid EMAIL_URL=dummymail:// TRUSTED_PROXIES=0 \
    GITHUB_CLIENT_ID=build GITHUB_CLIENT_SECRET=build \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0 && rm -r /tmp/build

FROM python:3.11-slim
# Pillow loads FriBidi for Arabic and Hebrew in preview pictures.
RUN apt-get update && apt-get install --yes --no-install-recommends libfribidi0 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 shop && mkdir /data && chown shop /data
WORKDIR /shop
COPY --from=build /shop /shop
USER shop
ENV PATH=/shop/.venv/bin:$PATH PYTHONUNBUFFERED=1 \
    CLAWSTORE_MODE=production DATA_DIR=/data STATIC_ROOT=/shop/static-built BIND=0.0.0.0:8000 \
    PROMETHEUS_MULTIPROC_DIR=/tmp/metrics
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"]
