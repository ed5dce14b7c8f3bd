"""The world around a stack: the sim behind its cluster, its pod network, the chart repositories, an autoscaler."""
