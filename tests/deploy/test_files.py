"""The files of deploy/ are valid, say the same, and let nobody near the scheduler."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from missing import end_test
from paths import ROOT
from scaling import nginx_conf

from benchmarks.harness.server import free_port
from dashboard.server.connections import n_phones
from hall import nginx

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
CLUSTER = {
    (one["kind"], one["metadata"]["name"]): one
    for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
}
YAML_STYLE = (
    "{extends: default, rules: {line-length: {max: 115}, document-start: disable, "
    "comments: {min-spaces-from-content: 1}}}"
)


def run(*command):
    """What a linter says; it must have nothing to complain about."""
    tool = shutil.which(command[0], path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    done = subprocess.run([tool, *command[1:]], cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("yamllint", "--strict", "-d", YAML_STYLE, "."),
        ("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"),
        ("kubernetes-validate", "--strict", "--quiet", "kubernetes.yaml"),
        ("hadolint", "Dockerfile"),
    ],
    ids=lambda command: command[0],
)
def test_a_linter_has_nothing_to_complain_about(command):
    if command[0] == "hadolint" and sys.platform != "linux":
        pytest.skip("hadolint is installed on Linux only")
    run(*command)


@pytest.mark.parametrize("n", [1, 2, 3, 16])
def test_nginx_takes_its_configuration_for_any_number_of_dashboards(n, tmp_path):
    if shutil.which("nginx") is None:
        end_test("no nginx on this machine")
    conf = nginx_conf(tmp_path, f"127.0.0.1:{free_port()}", *(f"127.0.0.1:{9000 + i}" for i in range(n)))
    run("nginx", "-t", "-e", "stderr", "-p", f"{tmp_path}/", "-c", str(conf))


def test_two_dashboards_of_a_hall_stand_in_nginx_as_those_of_deploy_do():
    template = (DEPLOY / "nginx.conf.template").read_text()
    names = {name: f"${{{name}}}" for name in ("REPLICA_1", "REPLICA_2")}
    assert nginx.configuration("${PORT}", list(names.values()), "${RESOLVER}") == template


@pytest.mark.parametrize("where", ["compose", "cluster"])
def test_every_name_in_the_template_is_filled_in(where):
    wanted = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx.conf.template").read_text()))
    if where == "compose":
        given = set(COMPOSE["services"]["nginx"]["environment"])
    else:
        given = {one["name"] for one in container("Deployment", "nginx")["env"]}
    assert given == wanted | {"NGINX_ENVSUBST_OUTPUT_DIR"}


def test_nginx_knows_every_dashboard_by_its_name():
    environment = COMPOSE["services"]["nginx"]["environment"]
    dashboards = {name for name in COMPOSE["services"] if name.startswith("dashboard")}
    assert {environment[f"REPLICA_{n}"] for n in (1, 2)} == {f"{name}:8501" for name in dashboards}
    stateful = CLUSTER["StatefulSet", "dashboard"]["spec"]
    given = {one["name"]: one["value"] for one in container("Deployment", "nginx")["env"]}
    for number in range(stateful["replicas"]):
        address = f"dashboard-{number}.{stateful['serviceName']}.mlp-explainer.svc.cluster.local:8501"
        assert given[f"REPLICA_{number + 1}"] == address


def test_from_outside_only_nginx_is_reached():
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["back"]["internal"]
    for name in ("scheduler", "worker"):
        assert COMPOSE["services"][name]["networks"] == ["back"]
    assert COMPOSE["services"]["nginx"]["networks"] == ["front"]
    services = [one["spec"] for (kind, _), one in CLUSTER.items() if kind == "Service"]
    assert all(service.get("type", "ClusterIP") == "ClusterIP" for service in services)
    policy = CLUSTER["NetworkPolicy", "training"]["spec"]
    assert policy["podSelector"]["matchExpressions"][0]["values"] == ["scheduler", "worker"]
    allowed = policy["ingress"][0]["from"][0]["podSelector"]["matchExpressions"][0]["values"]
    assert allowed == ["dashboard", "scheduler", "worker"]


def test_dashboards_share_a_scheduler_a_folder_and_a_secret():
    wanted = {"DASK_SCHEDULER_ADDRESS": "tcp://scheduler:8786", "MLP_STORE": "/data/store"}
    for name in ("dashboard-1", "dashboard-2"):
        environment = COMPOSE["services"][name]["environment"]
        assert wanted.items() <= environment.items()
        assert environment["STREAMLIT_SERVER_COOKIE_SECRET"].startswith("${COOKIE_SECRET:?")
    environment = {one["name"]: one.get("value") for one in container("StatefulSet", "dashboard")["env"]}
    assert wanted.items() <= environment.items()
    assert "STREAMLIT_SERVER_COOKIE_SECRET" in environment
    for name in ("dashboard-1", "dashboard-2", "worker"):  # workers load the same MNIST from there
        assert COMPOSE["services"][name]["volumes"] == ["data:/data"]
    assert CLUSTER["PersistentVolumeClaim", "data"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_what_is_built_here_is_not_looked_for_in_a_registry():
    for name, service in COMPOSE["services"].items():
        assert (service.get("pull_policy") == "never") == (service["image"] == "mlp-explainer"), name


def test_the_scheduler_is_asked_for_its_health_where_it_does_not_report_every_question():
    assert "http://127.0.0.1:8787/health" in COMPOSE["services"]["scheduler"]["healthcheck"]["test"][-1]
    scheduler = container("Deployment", "scheduler")
    assert {"name": "health", "containerPort": 8787} in scheduler["ports"]
    for probe in ("readinessProbe", "livenessProbe"):
        assert scheduler[probe]["httpGet"] == {"path": "/health", "port": "health"}


def test_no_process_in_the_cluster_is_root_or_writes_into_its_image():
    for kind, name in (key for key in CLUSTER if key[0] in ("Deployment", "StatefulSet")):
        pod = CLUSTER[kind, name]["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"], name
        own = container(kind, name)["securityContext"]
        assert own["readOnlyRootFilesystem"], name
        assert not own["allowPrivilegeEscalation"], name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert container(kind, name)["resources"]["limits"]["memory"], name
    for name, service in COMPOSE["services"].items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name


def test_the_image_has_all_that_the_app_reads_and_nothing_else_comes_near_it():
    copied = set(re.findall(r"^COPY (\S+) ", (DEPLOY / "Dockerfile").read_text(), re.M))
    assert copied == {
        "requirements.txt", ".streamlit", "app.py", "dashboard", "mnist_core", "pages",
    }  # fmt: skip
    let_through = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.M)
    assert {name.partition("/")[0] for name in let_through} == copied
    assert all((ROOT / name).exists() for name in let_through)


def test_the_image_starts_what_the_readme_starts():
    command = (DEPLOY / "Dockerfile").read_text().rpartition("\nCMD ")[2]
    assert set(re.findall(r"--([\w.]+)", command)) == {"server.headless", "server.address", "server.port"}


def test_a_dashboard_may_open_the_files_of_a_whole_class():
    for name in ("dashboard-1", "dashboard-2"):
        assert n_phones(COMPOSE["services"][name]["ulimits"]["nofile"]["soft"]) >= 300


def test_no_visitor_gets_into_the_log_of_nginx_by_what_is_no_fault():
    template = (DEPLOY / "nginx.conf.template").read_text()
    assert "access_log off;" in template
    assert "proxy_max_temp_file_size 0;" in template  # nginx warns of each answer that fills a file


def test_kustomize_finds_its_files():
    kustomization = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
    files = [*kustomization["resources"], *kustomization["configMapGenerator"][0]["files"]]
    assert all((DEPLOY / name).is_file() for name in files)
    volumes = CLUSTER["Deployment", "nginx"]["spec"]["template"]["spec"]["volumes"]
    assert {"name": kustomization["configMapGenerator"][0]["name"]} in [
        one.get("configMap") for one in volumes
    ]


def container(kind, name):
    """The one container of a workload."""
    [container] = CLUSTER[kind, name]["spec"]["template"]["spec"]["containers"]
    return container
