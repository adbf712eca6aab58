package configuration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// Everything that is wrong is told at once, with its line and column, and
// nothing is written.
func TestEveryProblemIsToldAtItsPlace(t *testing.T) {
	each(t, func(v *town) {
		events := len(v.events())
		lines := v.wrong(`version: 1
colour: red
platform:
  organization_roles:
    - {key: desk, permissions: [members.manage, company.view]}
    - {key: member, permissions: []}
    - {key: Desk 2, name: X}
companies:
  - name: De Vries Logistiek
    settings: {ownership: both}
    organizations:
      - {name: De Vries Production, hue: 9, idle_hours: many}
      - {name: De Vries Production}
      - {name: De Vries Sea, applications: [ghost]}
      - {id: org_of_another, name: Stolen}
    connectors:
      - name: Staff
        target: {organization: Nowhere, role: member}
      - name: Nights
        target: {organization: De Vries Production, role: emperor}
        condition:
          all:
            - {attribute: group, is: 7}
            - {any: []}
            - {attribute: mail, pattern: "("}
            - {attribute: mail}
      - name: Sums
        target: {organization: De Vries Production, role: member}
        condition:
          all:
            - {any: []}
            - {attribute: mail, pattern: "("}
  - name: New one
`)
		wanted := []string{
			`plan.yaml:2:1: the key "colour" is not known here; known are version, platform, companies`,
			`plan.yaml:5:49: "company.view" is no permission of this level`,
			`plan.yaml:6:34: what a built-in role allows is fixed`,
			`plan.yaml:7:13: company.error.key`,
			`plan.yaml:10:27: ownership is one of authoritative, additive, and not "both"`,
			`plan.yaml:12:42: error.choice`,
			`plan.yaml:12:57: a whole number is needed here, and this is a text`,
			`plan.yaml:13:16: the organization "De Vries Production" stands in line 12 already`,
			`plan.yaml:14:9: time_zone is missing, and the organization "De Vries Sea" is a new one`,
			`plan.yaml:14:45: no application has the key "ghost"; known are planning`,
			`plan.yaml:15:14: no organization here has the id "org_of_another"`,
			`plan.yaml:18:32: the company has no organization "Nowhere"`,
			`plan.yaml:23:38: a text to compare with is needed here, and this is a number; put it in quotes to make it a text`,
			`plan.yaml:26:15: a comparison needs an operator`,
			`plan.yaml:31:15: provisioning.error.no_condition`,
			`plan.yaml:32:42: provisioning.error.pattern_invalid`,
			`plan.yaml:33:5: manager is missing, and the company "New one" is a new one`,
			`plan.yaml:33:5: organizations are missing`,
		}
		if len(lines) != len(wanted) {
			t.Errorf("%d problems are told, and there are %d", len(lines), len(wanted))
		}
		for _, want := range wanted {
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, want) }) {
				t.Errorf("not told: %s", want)
			}
		}
		if t.Failed() {
			t.Log(strings.Join(lines, "\n"))
		}
		if len(v.events()) != events {
			t.Error("something was written")
		}
	})
}

// Each bad document by name. They need no database: what is wrong with them is
// told without one.
func TestBadDocuments(t *testing.T) {
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for name, c := range map[string]struct{ text, want string }{
		"empty":                  {"", "1:1: the document is empty"},
		"only a comment":         {"# nothing\n", "1:1: the document is empty"},
		"no YAML":                {"version: 1\n\tcompanies: []\n", "2:1: this is no YAML"},
		"not UTF-8":              {"version: \"\xff\"\n", "1:1: this is no YAML"},
		"no object":              {"[1, 2]", "1:1: an object is needed here, and this is a list"},
		"no version":             {"companies: []\n", "1:1: version is missing"},
		"another version":        {"version: 2\n", "1:10: version 2 is not known here: it is 1"},
		"version as a text":      {"version: \"1\"\n", "1:10: a whole number is needed here, and this is a text"},
		"a number too large":     {"version: 99999999999999999999\n", "1:10: a whole number is needed here"},
		"a number with a base":   {"version: 0x1\n", `1:10: "0x1" is no whole number that is used here`},
		"two documents":          {"version: 1\n---\nversion: 1\n", "2:1: a second document begins here"},
		"a key twice":            {"version: 1\nversion: 1\n", `2:1: the key "version" stands here twice`},
		"a key that is a list":   {"version: 1\n? [a]\n: 1\n", "2:3: a key is a text, and this is a list"},
		"an unknown key":         {"version: 1\ncompanys: []\n", `2:1: the key "companys" is not known here`},
		"a merge key":            {"version: 1\n<<: {companies: []}\n", `2:1: the key "<<" is not known here`},
		"nothing at a key":       {"version: 1\ncompanies:\n", "2:11: a list is needed here, and this is nothing"},
		"an object for a list":   {"version: 1\ncompanies: {}\n", "2:12: a list is needed here, and this is an object"},
		"a date for a text":      {"version: 1\ncompanies: [{name: 2026-01-01}]\n", "2:20: a text is needed here, and this is a date; put it in quotes"},
		"a truth for a text":     {"version: 1\ncompanies: [{name: true}]\n", "2:20: a text is needed here, and this is true or false; put it in quotes"},
		"a text for a truth":     {"version: 1\ncompanies: [{name: a, connections: [{name: b, enabled: \"true\"}]}]\n", "2:56: true or false is needed here, and this is a text"},
		"a name missing":         {"version: 1\ncompanies: [{settings: {}}]\n", "2:13: name is missing"},
		"an anchor":              {"version: 1\ncompanies: &a []\n", "2:12: anchors are not used"},
		"an alias":               {"version: 1\nplatform: &p {}\ncompanies: *p\n", "3:12: aliases are not used"},
		"an alias as a key":      {"version: &v 1\n*v : 1\n", "2:1: aliases are not used"},
		"a tag":                  {"version: !!int 1\n", "1:10: tags such as !!int are not used"},
		"binary":                 {"version: 1\ncompanies: [{name: !!binary aGk=}]\n", "2:20: tags such as !!binary are not used"},
		"nested too deep":        {"version: 1\ncompanies: " + deep + "\n", "2:51: lists and objects are nested more than 40 deep"},
		"too large":              {"version: 1\n#" + strings.Repeat("x", MaxBytes) + "\n", "1:1: the document is larger than 10 MB"},
		"a condition of two":     {condition("{all: [{attribute: a, is: b}], any: [{attribute: a, is: b}]}"), "3:60: a condition is one thing"},
		"a condition that mixes": {condition("{all: [{attribute: a, is: b}], attribute: a}"), "3:60: a condition is one thing"},
		"a condition of nothing": {condition("{}"), "3:60: this condition says nothing"},
		"two operators":          {condition("{attribute: a, is: b, glob: c}"), "3:82: a comparison has one operator"},
		"an unknown operator":    {condition("{attribute: a, like: b}"), `3:75: the key "like" is not known in a condition`},
		"exists: false":          {condition("{attribute: a, exists: false}"), "3:83: exists is true where it stands"},
		"not with a list":        {condition("{not: [{attribute: a, is: b}]}"), "3:66: a condition is needed here, and this is a list"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Read("f", []byte(c.text)).Wrong()
			if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.HasPrefix(line, "f:"+c.want) }) {
				t.Errorf("told: %v\nwant: f:%s", err, c.want)
			}
		})
	}
}

func condition(text string) string {
	return "version: 1\ncompanies:\n" + `  - {name: a, connectors: [{name: a, state: on, condition: ` + text + "}]}\n"
}

// What is wrong only in the light of what stands, each by name.
func TestDocumentsThatDoNotFit(t *testing.T) {
	each(t, func(v *town) {
		v.Found("Zonneveld Bakkerijen", "Again", "again", "Again", "again@zonneveld.example")
		v.files["junk.xml"] = file("<html/>")
		v.files["folder/x"] = file("")
		company := func(text string) string {
			return "version: 1\ncompanies:\n  - name: De Vries Logistiek\n" + text
		}
		staff := `    connectors: [{name: S, condition: {attribute: group, is: A}, target: %s}]` + "\n"
		for name, c := range map[string]struct{ text, want string }{
			"two companies of a name":         {"version: 1\ncompanies:\n  - name: Zonneveld Bakkerijen\n", "3:11: 2 of these are called"},
			"the same company twice":          {company("  - name: De Vries Logistiek\n"), `4:11: the company "De Vries Logistiek" stands in line 3 already`},
			"an unknown company by id":        {"version: 1\ncompanies:\n  - {name: X, id: com_x}\n", "3:19: no company here has the id"},
			"an organization of another":      {company("    organizations: [{name: X, id: " + v.Kade.Organization + "}]\n"), "4:35: no organization here has the id"},
			"a target in another company":     {company(fmt.Sprintf(staff, "{organization: Kade Consultants, role: member}")), `4:89: the company has no organization "Kade Consultants"`},
			"a role of another level":         {company(fmt.Sprintf(staff, "{role: member}")), `4:81: no role of the company is called "member"; known are manager, employee`},
			"an application without a place":  {company(fmt.Sprintf(staff, "{application: planning, role: viewer}")), "4:88: an application is used in an organization"},
			"an application not in use there": {company(fmt.Sprintf(staff, "{organization: De Vries Acceptance, application: planning, role: viewer}")), "4:123: the organization does not use the application"},
			"a connector without a target":    {company("    connectors: [{name: S, condition: {attribute: group, is: A}}]\n"), "4:18: target is missing"},
			"a connector without a condition": {company("    connectors: [{name: S, target: {role: manager}}]\n"), "4:18: condition is missing"},
			"a connector twice":               {company("    connectors: [{name: Staff}, {name: Staff}]\n"), `4:40: the connector "Staff" stands in line 4 already`},
			"an empty name":                   {company("    organizations: [{name: \" \", time_zone: UTC}]\n"), "4:28: error.required"},
			"a time zone that is none":        {company("    organizations: [{name: De Vries Production, time_zone: Mars}]\n"), "4:60: account.error.time_zone"},
			"a domain that is none":           {company("    domains: [{name: \"not a domain\"}]\n"), "4:22: federation.error.domain"},
			"a domain twice, written otherwise": {company("    domains: [{name: a.example}, {name: A.Example}]\n"),
				`4:41: the domain "a.example" stands in line 4 already`},
			"single sign-on for a new domain": {company("    domains: [{name: a.example, require_sso: true}]\n"), "4:46: the domain a.example is a new one"},
			"a connection without metadata":   {company("    connections: [{name: C}]\n"), "4:19: metadata is missing"},
			"metadata that is none":           {company("    connections: [{name: C, metadata: junk.xml}]\n"), "4:39: saml.metadata_malformed"},
			"metadata in a missing file":      {company("    connections: [{name: C, metadata: none.xml}]\n"), `4:39: the file "none.xml" cannot be read: file does not exist`},
			"metadata in a folder":            {company("    connections: [{name: C, metadata: folder}]\n"), `4:39: the file "folder" cannot be read`},
			"metadata outside the folder":     {company("    connections: [{name: C, metadata: ../../etc/passwd}]\n"), "4:39: metadata is XML, or a path"},
			"metadata at an absolute path":    {company("    connections: [{name: C, metadata: /etc/passwd}]\n"), "4:39: metadata is XML, or a path"},
			"an address that is none":         {company("    connections: [{name: Sign-in, metadata_url: \"javascript:x\"}]\n"), `4:49: "javascript:x" is no web address`},
			"a manager without an address":    {"version: 1\ncompanies:\n  - {name: X, manager: {name: A, email: b}, organizations: [{name: O, time_zone: UTC}]}\n", `3:41: "b" is no e-mail address`},
			"two defaults":                    {"version: 1\nplatform: {organization_roles: [{key: desk, default: true}, {key: member, default: true}]}\n", `2:84: "desk" is the default already`},
			"no default left":                 {"version: 1\nplatform: {organization_roles: [{key: member, default: false}]}\n", "2:56: this is the default role"},
			"a new role without a name":       {"version: 1\nplatform: {company_roles: [{key: x}]}\n", "2:28: name is missing"},
			"a permission for an application": {"version: 1\nplatform: {applications: [{key: planning, roles: [{key: viewer, permissions: [members.view]}]}]}\n", `2:79: "members.view" is no permission of this level; known are none`},
		} {
			v.T.Run(name, func(t *testing.T) {
				_, err := v.Configuration.Plan(v.Ctx, Read("f", []byte(c.text)), false)
				if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.HasPrefix(line, "f:"+c.want) }) {
					t.Errorf("told: %v\nwant: f:%s", err, c.want)
				}
			})
		}
	})
}

// The schema comes from the same tags as the reader: whatever key it names is
// taken, and it names every operator and permission.
func TestTheSchemaNamesEveryKey(t *testing.T) {
	schema := Schema()
	for _, heading := range []string{"document", "platform", "application", "role", "company", "person", "settings", "organization", "domain", "connection", "connector", "target"} {
		if !strings.Contains(schema, "\n## "+heading+"\n") {
			t.Errorf("nothing on %s", heading)
		}
	}
	for _, name := range operatorNames() {
		if !strings.Contains(schema, "{attribute: name, "+name+": ") {
			t.Errorf("nothing on %s", name)
		}
	}
	for _, line := range strings.Split(schema, "\n") {
		if strings.HasPrefix(line, "| `") && strings.HasSuffix(line, "|  |") {
			t.Errorf("no words for %s", line)
		}
	}
}
