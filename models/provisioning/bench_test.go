package provisioning

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"

	"locum/models"
)

// company is a set of n connectors as companies write them, of which the first
// five match anna.
func company(n int) []Connector {
	matching := []Condition{
		is("group", "Planning-Editors"),
		{All: []Condition{is("group", "All-Employees"), is("country", "NL")}},
		{Attribute: "mail", Operator: EndsWith, Value: "@devries.example"},
		{Any: []Condition{is("group", "Finance-NL"), {Attribute: "title", Operator: Contains, Value: "planner"}}},
		{All: []Condition{{Attribute: "group", Operator: StartsWith, Value: "Planning-"}, {Attribute: "employeeType", Operator: IsNot, Value: "External"}}},
	}
	connectors := make([]Connector, 0, n)
	for i := range n {
		var c Condition
		switch own := fmt.Sprintf("Team-%04d", i); {
		case i < len(matching):
			c = matching[i]
		case i%5 == 0:
			c = Condition{Attribute: "group", Operator: StartsWith, Value: own}
		case i%5 == 1:
			c = Condition{All: []Condition{is("country", "NL"), is("group", own)}}
		case i%5 == 2:
			c = Condition{Any: []Condition{is("group", own), is("costCenter", own)}}
		case i%5 == 3:
			c = Condition{Attribute: "group", Operator: Pattern, Value: own + "-(editors|viewers)"}
		default:
			c = is("group", own)
		}
		made := connector(fmt.Sprintf("con_%05d", i), c)
		made.Target = Target{Level: models.OrganizationLevel, Organization: fmt.Sprint("org_", i%20)}
		connectors = append(connectors, made)
	}
	return connectors
}

func anna(b *testing.B) Profile {
	groups := []string{"Planning-Editors", "Planning-Viewers", "All-Employees"}
	for i := range 12 {
		groups = append(groups, fmt.Sprint("Building-", i))
	}
	const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	return read(b,
		received(claims+"givenname", "Anna"), received(claims+"surname", "Visser"), received(claims+"mail", "anna.visser@devries.example"),
		received("country", "NL"), received("department", "Planning"), received("title", "Senior Planner"),
		received("employeeType", "Employee"), received("costCenter", "4110"), received("groups", groups...))
}

// BenchmarkResolve resolves one profile. Its reference, for the same profile and
// result, is a loop over only the rules that match.
func BenchmarkResolve(b *testing.B) {
	p := anna(b)
	for _, n := range []int{10, 100, 1000, 10_000} {
		compiled := rules(b, company(n)...)
		if granted := len(compiled.Resolve(p).Grants); granted != 5 {
			b.Fatalf("%d grants of %d connectors", granted, n)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compiled.Resolve(p)
			}
		})
	}
}

func BenchmarkResolveReference(b *testing.B) {
	p := anna(b)
	compiled := rules(b, company(1000)...)
	var matching []int32
	for i := range compiled.rules {
		var matches []Match
		if compiled.rules[i].test.holds(&p, false, &matches) {
			matching = append(matching, int32(i))
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		compiled.resolve(&p, matching)
	}
}

// BenchmarkRSAVerify is the reference for what a sign-in costs anyhow: checking
// the signature of one assertion.
func BenchmarkRSAVerify(b *testing.B) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("an assertion"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	connectors := company(1000)
	b.ReportAllocs()
	for b.Loop() {
		rules(b, connectors...)
	}
}

func BenchmarkMerge(b *testing.B) {
	p := anna(b)
	sent := Reading{asserted("a2"), []Received{received("country", "NL"), received("groups", p.Values("group")...)}}
	b.ReportAllocs()
	for b.Loop() {
		merge(b, Mapping{}, p, sent)
	}
}

// BenchmarkReadProfile reads a stored profile, as the recompute run does for
// each person.
func BenchmarkReadProfile(b *testing.B) {
	text, err := json.Marshal(anna(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var p Profile
		if err := json.Unmarshal(text, &p); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkResolveEveryone resolves 100,000 people, each different, against 1,000
// connectors. The reference visits, for each of them, only the rules that match
// him, which somebody else found.
func BenchmarkResolveEveryone(b *testing.B) {
	const people = 100_000
	compiled := rules(b, company(1000)...)
	profiles, matching := make([]Profile, people), make([][]int32, people)
	for i := range profiles {
		profiles[i] = read(b, received("mail", fmt.Sprintf("p%d@devries.example", i)), received("country", "NL"), received("department", "Planning"),
			received("title", "Senior planner"), received("employeeType", "Employee"),
			received("groups", "All-Employees", fmt.Sprintf("Team-%04d", i%1000), fmt.Sprintf("Team-%04d", i*7%1000), fmt.Sprintf("Building-%d", i%12)))
		for n := range compiled.rules {
			var matches []Match
			if compiled.rules[n].test.holds(&profiles[i], false, &matches) {
				matching[i] = append(matching[i], int32(n))
			}
		}
	}
	b.Run("resolve", func(b *testing.B) {
		for b.Loop() {
			for i := range profiles {
				compiled.Resolve(profiles[i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
	})
	b.Run("reference", func(b *testing.B) {
		for b.Loop() {
			for i := range profiles {
				compiled.resolve(&profiles[i], matching[i])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/people, "ns/person")
	})
}
