module kubelanes.dev/tools/dra-driver-nvidia-gpu

go 1.26.5

require (
	sigs.k8s.io/dra-driver-nvidia-gpu v0.5.0
)
