FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 BIND=0.0.0.0
WORKDIR /service
RUN useradd --system --no-create-home service && install --directory --owner=service var var/audit

COPY requirements/run.txt requirements/run.txt
RUN pip install --disable-pip-version-check --require-hashes --requirement requirements/run.txt

COPY . .
RUN python -m dispatch.planning && chown -R service dispatch/planning/__pycache__
USER service
CMD ["gunicorn", "--config", "python:config.gunicorn"]
