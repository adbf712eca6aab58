package provisioning_test

import (
	"testing"

	"locum/models/modelstest"
	"locum/models/provisioning"
)

func TestMain(m *testing.M) { modelstest.Main(m) }

// anyway publishes whatever the change does.
var anyway = provisioning.Publishing{Confirmed: 1000, Leave: provisioning.RevokeRoles}
