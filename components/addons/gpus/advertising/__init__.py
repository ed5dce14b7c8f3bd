"""Each card has one advertiser, a device plugin or a DRA driver.

`pods` tells what a pod advertises, for the policies at preview; `admission` has the API server refuse a second one;
`live` looks at nodes and slices, for `kubelanes doctor`; `check` looks as a resource of the engine, at every update.
"""
