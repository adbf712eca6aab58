package configuration

import (
	"strings"
	"testing"

	"locum/models/tenancy"
)

// A document sets how many people may be active. Who belongs to the company by
// then keeps his seat, and an export says the number again.
func TestSeatsStandInADocument(t *testing.T) {
	each(t, func(v *town) {
		v.apply("version: 1\ncompanies: [{name: Kade Consultants, seats: 2}]\n", false)
		v.Join("dirk", "Dirk", "dirk@kade.example", v.Kade, tenancy.Member)
		seating, err := v.Companies.Seating(v.Ctx, v.Actor("sanne"))
		v.must(err)
		if seating.Number != 2 || seating.Taken != 2 || len(seating.Waiting) != 1 {
			t.Errorf("%+v", seating)
		}
		text, err := v.Export(v.Ctx, "Kade Consultants", Extent{})
		v.must(err)
		if !strings.Contains(string(text), "seats: 2") {
			t.Errorf("the export says no seats:\n%s", text)
		}
		if _, p := v.plan(string(text), false); !p.Empty() {
			t.Error("the export differs from what stands")
		}
		v.apply("version: 1\ncompanies: [{name: Kade Consultants, seats: 0}]\n", false)
		if seating, err = v.Companies.Seating(v.Ctx, v.Actor("sanne")); err != nil || seating.Number != 0 || len(seating.Waiting) != 0 {
			t.Errorf("%+v: %v", seating, err)
		}
		if told := v.wrong("version: 1\ncompanies: [{name: Kade Consultants, seats: -1}]\n"); !strings.Contains(told[0], "2:") {
			t.Errorf("no place is told: %q", told)
		}
	})
}
