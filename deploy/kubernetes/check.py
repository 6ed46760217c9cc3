"""Checks what 'kubectl kustomize' made, as far as can be without a cluster: names lead where they should, and pods meet the 'restricted' standard.

check.py FILE            checks
check.py FILE args NAME  prints the arguments of a container, one a line
check.py FILE env NAME   prints the options of its config maps and its plain variables, NAME=value
"""
import sys

import yaml

documents = [document for document in yaml.safe_load_all(open(sys.argv[1])) if document]
problems = []


def need(condition, what):
    if not condition:
        problems.append(what)


def of(kind):
    return [document for document in documents if document["kind"] == kind]


def names(kind):
    return {document["metadata"]["name"] for document in of(kind)}


workloads = of("StatefulSet") + of("Deployment")
templates = {workload["metadata"]["name"]: workload["spec"]["template"] for workload in workloads}
containers = {container["name"]: container for template in templates.values() for container in template["spec"]["containers"]}

if len(sys.argv) > 2:
    container = containers[sys.argv[3]]
    if sys.argv[2] == "args":
        # What the kubelet does: variables that name others first.
        composed = {variable["name"]: variable["value"] for variable in container["env"] if "$(" in variable.get("value", "")}
        for argument in container["args"]:
            for name, value in composed.items():
                argument = argument.replace(f"$({name})", value)
            print(argument)
    else:
        for source in container.get("envFrom", []):
            for document in of("ConfigMap"):
                if document["metadata"]["name"] == source["configMapRef"]["name"]:
                    print("\n".join(f"{name}={value}" for name, value in document["data"].items()))
        print("\n".join(f"{variable['name']}={variable['value']}" for variable in container["env"] if "value" in variable and "$(" not in variable["value"]))
    sys.exit()


def selected(selector):
    wanted = selector.get("matchLabels", selector).items()
    return [name for name, template in templates.items() if wanted <= template["metadata"]["labels"].items()]


for workload in workloads:
    name = workload["metadata"]["name"]
    need(selected(workload["spec"]["selector"]) == [name], f"{name}: its selector chooses {selected(workload['spec']['selector'])}")
    pod = workload["spec"]["template"]["spec"]
    volumes = {volume["name"] for volume in pod["volumes"]} | {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    for volume in pod["volumes"]:
        if "secret" in volume:
            need(volume["secret"]["secretName"] in names("Secret"), f"{name}: there is no secret {volume['secret']['secretName']}")
            need(volume["secret"]["defaultMode"] == 0o440, f"{name}: the secret's mode is {volume['secret']['defaultMode']:o}")
    security = pod["securityContext"]
    need(security["runAsNonRoot"] and security["runAsUser"] > 0 and security["fsGroup"] > 0, f"{name}: runs as root")
    need(security["seccompProfile"]["type"] == "RuntimeDefault", f"{name}: no seccomp profile")
    need(pod["automountServiceAccountToken"] is False, f"{name}: has a token of the cluster")
    for container in pod["containers"]:
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            need(container[probe]["httpGet"]["port"] in ports, f"{name}: {probe} asks a port that is not there")
            encrypted = any(argument.startswith("--tls-dir") for argument in container["args"])
            need((container[probe]["httpGet"].get("scheme") == "HTTPS") == encrypted, f"{name}: {probe} asks by another scheme than --http has")
        need(container["livenessProbe"]["httpGet"]["path"] == "/livez", f"{name}: would be restarted while it waits")
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        need(mounted == volumes, f"{name}: mounts {sorted(mounted)} of {sorted(volumes)}")
        confined = container["securityContext"]
        need(confined["readOnlyRootFilesystem"] and not confined["allowPrivilegeEscalation"] and confined["capabilities"]["drop"] == ["ALL"], f"{name}: not confined")
        for source in container.get("envFrom", []):
            need(source["configMapRef"]["name"] in names("ConfigMap"), f"{name}: there is no config map {source['configMapRef']['name']}")

for workload in of("StatefulSet"):
    name, replicas = workload["metadata"]["name"], workload["spec"]["replicas"]
    need(replicas in (2, 3), f"{replicas} coordinators, and not 2 or 3")
    need(workload["spec"]["podManagementPolicy"] == "Parallel", "coordinators wait for each other to be ready")
    need(workload["spec"]["serviceName"] in names("Service"), f"there is no service {workload['spec']['serviceName']}")
    variables = {variable["name"]: variable for variable in containers["coordinator"]["env"]}
    need(variables["HOSTNAME"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name", "HOSTNAME is not the pod's name")
    peers = ",".join(f"{name}-{pod}.$(DOMAIN):4053" for pod in range(replicas))
    need(f"--peers={peers}" in containers["coordinator"]["args"], f"the coordinators' --peers is not {peers}")
    need("--advertise=$(HOSTNAME).$(DOMAIN):4053" in containers["coordinator"]["args"], "a coordinator is not where --peers says")
    need(f"--join={peers}" in containers["worker"]["args"], f"workers do not join {peers}")
    need([claim["metadata"]["name"] for claim in workload["spec"]["volumeClaimTemplates"]] == ["runs"], "coordinators have no volumes of their own")
for container in containers.values():
    variables = [variable["name"] for variable in container["env"]]
    domain = next((variable["value"] for variable in container["env"] if variable["name"] == "DOMAIN"), "")
    need([f"{service['metadata']['name']}.$(NAMESPACE).svc.cluster.local" for service in of("Service")] == [domain], f"{container['name']}: there is no service {domain}")
    need("NAMESPACE" in variables and variables.index("NAMESPACE") < variables.index("DOMAIN"), f"{container['name']}: NAMESPACE must come before DOMAIN")
for service in of("Service"):
    name = service["metadata"]["name"]
    need(selected(service["spec"]["selector"]) == ["lockstep-coordinator"], f"service {name} leads to {selected(service['spec']['selector'])}")
    need(service["spec"]["clusterIP"] == "None" and service["spec"]["publishNotReadyAddresses"], f"service {name} hides a coordinator that waits for others")
for budget in of("PodDisruptionBudget"):
    need(selected(budget["spec"]["selector"]) == [budget["metadata"]["name"]], f"the budget {budget['metadata']['name']} is for other pods")
for policy in of("NetworkPolicy"):
    need(sorted(selected(policy["spec"]["podSelector"])) == sorted(templates), "the network policy leaves pods open")
for kind, count in {"Namespace": 1, "StatefulSet": 1, "Deployment": 1, "Service": 1, "Secret": 1, "ConfigMap": 1, "NetworkPolicy": 1, "PodDisruptionBudget": 2}.items():
    need(len(of(kind)) == count, f"{len(of(kind))} of {kind}, expected {count}")
for document in documents:
    need(document["kind"] == "Namespace" or document["metadata"]["namespace"] == "lockstep", f"{document['metadata']['name']} is in another namespace")

print("\n".join(problems) or f"{len(documents)} objects are as they should be")
sys.exit(1 if problems else 0)
