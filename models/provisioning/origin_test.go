package provisioning

import (
	"slices"
	"strings"
	"testing"

	"locum/models"
	"locum/models/federation"
	"locum/models/store"
)

// hears takes up what a source says of somebody.
func (w *world) hears(name, source string, kind SourceKind, m Mapping, said ...Received) {
	w.Helper()
	w.system(func(tx *store.Tx) error {
		company := w.marieke.Effective.Company
		profile, err := w.connectors.merged(tx, company, w.people[name], m, Reading{Source{kind, models.NewID("say"), models.At(tx.Now())}, said})
		if err != nil {
			return err
		}
		from := Source{Kind: kind, At: models.At(tx.Now())}
		for _, a := range profile.attributes {
			if a.Source.Kind == kind && !a.Kept {
				from = a.Source
			}
		}
		return remember(tx, company, w.people[name].ID, source, profile, from)
	})
}

// told is an origin as text.
func told(o Origin) string {
	var parts []string
	for _, s := range o.Said {
		text := s.From + "=" + strings.Join(s.Values, ",")
		if s.Kept {
			text += " kept"
		}
		if s.Empty() {
			text += "empty"
		}
		if s.Counts {
			text += " counts"
		}
		parts = append(parts, text)
	}
	if o.Differ() {
		parts = append(parts, "differ")
	}
	return o.Name + ": " + strings.Join(parts, "; ")
}

// TestAProfileSaysWhichSourceSaidWhat and what counts where two sources differ.
func TestAProfileSaysWhichSourceSaidWhat(t *testing.T) {
	w := newWorld(t)
	company := w.marieke.Effective.Company
	w.system(func(tx *store.Tx) error {
		now := models.At(tx.Now())
		return tx.Select("*").Create(&federation.Connection{CompanyID: company, ID: "con_1", Name: "De Vries login", EntityID: "https://idp.example", Certificates: []string{},
			Delimiters: map[string]string{}, Enabled: true, CreatedAt: now, UpdatedAt: now}).Error
	})
	w.connectors.LearnNames(nil, func(*store.Tx, string) (map[string]string, error) { return map[string]string{"dir_1": "Entra"}, nil })
	managed := Mapping{Known: func(text string) (KnownGroup, bool) {
		return KnownGroup{ID: "g1", Name: "Planning", Managed: true}, text == "Planning" || text == "g1"
	}}
	anna := w.people["Anna Visser"].ID
	if o, err := w.connectors.Origins(w.ctx, w.marieke, anna); err != nil || len(o.Attributes)+len(o.Groups) != 0 {
		t.Fatalf("nobody spoke of her: %+v (%v)", o, err)
	}
	w.hears("Anna Visser", "con_1", FromAssertion, Mapping{}, received("department", "Sales"), received("country", "NL"), received("groups", "Planning", "Guests"), received("title", "Boss"))
	w.hears("Anna Visser", "con_1", FromAssertion, Mapping{}, received("department", "Sales"), received("country", "NL"), received("groups", "Planning", "Guests"))
	w.hears("Anna Visser", "dir_1", FromDirectory, managed, received("urn:x:department", "Planning"), received("country", "BE"), received("city"))
	o, err := w.connectors.Origins(w.ctx, w.marieke, anna)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range append(o.Attributes, o.Groups...) {
		got = append(got, told(one))
	}
	want := []string{
		"city: Entra=empty counts",
		"country: Entra=BE counts; De Vries login=NL; differ",
		"department: De Vries login=Sales counts; Entra=Planning; differ",
		"title: De Vries login=Boss kept counts",
		"Guests: De Vries login=Guests counts",
		"Planning: De Vries login=Planning",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if o.Groups[1].Won() || !o.Groups[0].Won() {
		t.Error("what the directory manages counts")
	}
	if o, err := w.connectors.Origins(w.ctx, w.karin, anna); err != nil || len(o.Attributes) != 0 {
		t.Errorf("another company is told %+v (%v)", o, err)
	}
	nobody := w.marieke
	nobody.Permissions = nil
	if _, err := w.connectors.Origins(w.ctx, nobody, anna); models.KindOf(err) != models.Forbidden {
		t.Errorf("without the permission: %v", err)
	}
}
