module kubelanes.dev/tools/k8s-device-plugin

go 1.26.5

require (
	github.com/NVIDIA/k8s-device-plugin v0.19.3
)
