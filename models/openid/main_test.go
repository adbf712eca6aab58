package openid_test

import (
	"testing"

	"locum/models/modelstest"
)

func TestMain(m *testing.M) { modelstest.Main(m) }
