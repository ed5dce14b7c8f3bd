module kubelanes.dev/tools/dra-example-driver

go 1.26.0

require (
	sigs.k8s.io/dra-example-driver v0.3.0
)
