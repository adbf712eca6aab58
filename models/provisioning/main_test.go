package provisioning_test

import (
	"testing"

	"locum/models/modelstest"
	"locum/models/provisioning"
	"locum/models/tenancy"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// anyway publishes whatever the change does where no brakes are set.
var anyway = provisioning.Publishing{Leave: provisioning.RevokeRoles}

// policy is the standard one but for two choices.
func policy(ownership, noMatch string) tenancy.Policy {
	p := tenancy.StandardPolicy
	p.Ownership, p.NoMatch = ownership, noMatch
	return p
}
