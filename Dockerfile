# The course in an image: `docker build -t scaleml .`, then `docker run --rm -p 8888:8888 scaleml`.
FROM python:3.11-slim-bookworm

RUN apt-get update \
 && apt-get install --yes --no-install-recommends make=4.3-4.1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 student

WORKDIR /home/student/course
RUN chown student:student /home/student/course
USER 1000:1000

# The packages change seldom and the course often: they get a layer of their own.
COPY --chown=student:student requirements/ requirements/
RUN python3.11 -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
 && .venv/bin/uv pip sync --no-cache --compile-bytecode --require-hashes requirements/course.txt

COPY --chown=student:student . .
RUN .venv/bin/uv pip install --no-deps --no-build-isolation --editable . && touch .venv/ready

EXPOSE 8888
CMD [".venv/bin/jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "notebooks"]
