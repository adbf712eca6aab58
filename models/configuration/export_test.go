package configuration

import (
	"strings"
	"testing"

	"locum/models/store"
	"locum/models/tenancy"
)

// What is exported is what stands: planning it finds nothing to do, and
// exporting it again gives the same text.
func TestRoundTrip(t *testing.T) {
	each(t, func(v *town) {
		for _, extent := range []Extent{{}, {IDs: true}, {Platform: true}, {IDs: true, Platform: true}} {
			text, err := v.Export(v.Ctx, "De Vries Logistiek", extent)
			v.must(err)
			_, p := v.plan(string(text), true)
			if !p.Empty() {
				var told strings.Builder
				p.Print(&told)
				t.Errorf("%+v differs from what stands:\n%s\n%s", extent, told.String(), text)
			}
			again, err := v.Export(v.Ctx, v.Production.Company, extent)
			v.must(err)
			if string(again) != string(text) {
				t.Errorf("exports differ:\n%s\n%s", text, again)
			}
			if strings.Contains(string(text), "id: ") != extent.IDs || strings.Contains(string(text), "platform:") != extent.Platform {
				t.Errorf("%+v:\n%s", extent, text)
			}
		}
	})
}

func TestAnExportBeginsWithWhatItIs(t *testing.T) {
	each(t, func(v *town) {
		text, err := v.Export(v.Ctx, "De Vries Logistiek", Extent{})
		v.must(err)
		if !strings.HasPrefix(string(text), "# Configuration of a company in Locum.") {
			t.Errorf("begins with\n%.200s", text)
		}
		for _, person := range []string{"Marieke", "Anna", "jan@devries.example"} {
			if strings.Contains(string(text), person) {
				t.Errorf("%s is in it", person)
			}
		}
	})
}

// Neither the token of a domain nor a key of a connection is in an export, in
// whatever form it stands in the database.
func TestAnExportHoldsNoSecret(t *testing.T) {
	each(t, func(v *town) {
		var secrets []string
		v.World.System(func(tx *store.Tx) error {
			if err := tx.Model(&tenancy.Domain{}).Pluck("token", &secrets).Error; err != nil {
				return err
			}
			var sealed []string
			err := tx.Table("connection_keys").Pluck("sealed", &sealed).Error
			secrets = append(secrets, sealed...)
			return err
		})
		if len(secrets) != 2 {
			t.Fatalf("%d secrets are there", len(secrets))
		}
		text, err := v.Export(v.Ctx, "De Vries Logistiek", Extent{IDs: true, Platform: true})
		v.must(err)
		for _, one := range secrets {
			if strings.Contains(string(text), one) {
				t.Errorf("%s is in the export", one)
			}
		}
	})
}

func TestAnExportOfWhatIsNotThere(t *testing.T) {
	each(t, func(v *town) {
		if _, err := v.Export(v.Ctx, "De Vries", Extent{}); err == nil || !strings.Contains(err.Error(), ErrNoCompany.Error()) {
			t.Errorf("unknown: %v", err)
		}
		v.Found("Zonneveld Bakkerijen", "Second", "second", "Second", "second@zonneveld.example")
		if _, err := v.Export(v.Ctx, "Zonneveld Bakkerijen", Extent{}); err == nil || !strings.Contains(err.Error(), ErrSeveralCompanies.Error()) {
			t.Errorf("two of a name: %v", err)
		}
		text, err := v.Export(v.Ctx, v.Zonneveld.Company, Extent{})
		v.must(err)
		v.wants(string(text), "id: "+v.Zonneveld.Company)
		if _, p := v.plan(string(text), false); !p.Empty() {
			t.Errorf("%+v", p)
		}
	})
}

// An export goes to another installation: what it says is made there, and stands
// there as it did here.
func TestAnExportMovesToAnotherInstallation(t *testing.T) {
	each(t, func(v *town) {
		text, err := v.Export(v.Ctx, "De Vries Logistiek", Extent{Platform: true})
		v.must(err)
		moved := strings.Replace(string(text), "name: De Vries Logistiek\n", "name: Elsewhere\n    manager: {name: Ada, email: ada@elsewhere.example}\n", 1)
		if moved == string(text) {
			t.Fatal(moved)
		}
		v.apply(moved, false)
		if _, p := v.plan(moved, true); !p.Empty() {
			t.Errorf("%+v", p.Parts)
		}
		there, err := v.Export(v.Ctx, "Elsewhere", Extent{Platform: true})
		v.must(err)
		if want := strings.Replace(string(text), "name: De Vries Logistiek\n", "name: Elsewhere\n", 1); string(there) != want {
			t.Errorf("stands there as\n%s\nand not as\n%s", there, want)
		}
		var managers []string
		v.World.System(func(tx *store.Tx) error {
			var made tenancy.Company
			if err := tx.Where("name = ?", "Elsewhere").Take(&made).Error; err != nil {
				return err
			}
			people, err := tenancy.Managers(tx, made.ID)
			for _, p := range people {
				managers = append(managers, p.Email)
			}
			return err
		})
		if len(managers) != 1 || managers[0] != "ada@elsewhere.example" {
			t.Errorf("managers: %v", managers)
		}
	})
}
