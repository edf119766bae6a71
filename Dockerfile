# docker build -t verifier . && docker run --rm -v "$PWD:/here" verifier solve problem.toml
FROM python:3.12-slim AS built
COPY . /source
RUN pip wheel --no-deps --wheel-dir /wheels /source
FROM python:3.12-slim
COPY --from=built /wheels /wheels
RUN pip install --no-cache-dir /wheels/*.whl && useradd --create-home person
USER person
WORKDIR /here
ENTRYPOINT ["verifier"]
