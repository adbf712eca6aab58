package directory

import "strings"

// The URNs of the schemas and messages (RFC 7643, section 10.3; RFC 7644,
// section 3.1).
const (
	UserSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	GroupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	ListMessage      = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	PatchMessage     = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	ErrorMessage     = "urn:ietf:params:scim:api:messages:2.0:Error"
)

// Kind is the data type of an attribute (RFC 7643, section 2.3).
type Kind string

// The data types that the schemas use.
const (
	String    Kind = "string"
	Boolean   Kind = "boolean"
	DateTime  Kind = "dateTime"
	Reference Kind = "reference"
	Binary    Kind = "binary"
	Complex   Kind = "complex"
)

// Attribute is one attribute of a schema (RFC 7643, section 7).
type Attribute struct {
	Name       string
	Kind       Kind
	Multi      bool
	Required   bool
	CaseExact  bool
	ReadOnly   bool
	WriteOnly  bool
	Immutable  bool
	Unique     bool
	Always     bool // returned whatever is asked for
	References []string
	Sub        []Attribute
}

// Schema is a named list of attributes.
type Schema struct {
	ID         string
	Name       string
	Attributes []Attribute
}

func text(names ...string) (list []Attribute) {
	for _, name := range names {
		list = append(list, Attribute{Name: name, Kind: String})
	}
	return list
}

// plural is a multi-valued attribute with the usual parts (RFC 7643, section
// 2.4).
func plural(name string, value Kind) Attribute {
	return Attribute{Name: name, Kind: Complex, Multi: true, Sub: append([]Attribute{{Name: "value", Kind: value}},
		append(text("display", "type"), Attribute{Name: "primary", Kind: Boolean})...)}
}

// common are the attributes of every resource (RFC 7643, section 3.1).
var common = []Attribute{
	{Name: "schemas", Kind: Reference, Multi: true, CaseExact: true, Always: true},
	{Name: "id", Kind: String, CaseExact: true, ReadOnly: true, Always: true, Unique: true},
	{Name: "externalId", Kind: String, CaseExact: true},
	{Name: "meta", Kind: Complex, ReadOnly: true, Sub: []Attribute{{Name: "resourceType", Kind: String, CaseExact: true, ReadOnly: true},
		{Name: "created", Kind: DateTime, ReadOnly: true}, {Name: "lastModified", Kind: DateTime, ReadOnly: true},
		{Name: "location", Kind: Reference, CaseExact: true, ReadOnly: true}, {Name: "version", Kind: String, CaseExact: true, ReadOnly: true}}},
}

var (
	users = Schema{ID: UserSchema, Name: "User", Attributes: append(append([]Attribute{
		{Name: "userName", Kind: String, Required: true, Unique: true},
		{Name: "name", Kind: Complex, Sub: text("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")}},
		text("displayName", "nickName", "title", "userType", "preferredLanguage", "locale", "timezone")...),
		Attribute{Name: "profileUrl", Kind: Reference, References: []string{"external"}},
		Attribute{Name: "active", Kind: Boolean},
		Attribute{Name: "password", Kind: String, CaseExact: true, WriteOnly: true},
		plural("emails", String), plural("phoneNumbers", String), plural("ims", String), plural("photos", Reference),
		Attribute{Name: "addresses", Kind: Complex, Multi: true, Sub: append(text("formatted", "streetAddress", "locality", "region", "postalCode", "country", "type"), Attribute{Name: "primary", Kind: Boolean})},
		Attribute{Name: "groups", Kind: Complex, Multi: true, ReadOnly: true, Sub: []Attribute{{Name: "value", Kind: String, CaseExact: true, ReadOnly: true},
			{Name: "$ref", Kind: Reference, References: []string{"Group"}, ReadOnly: true}, {Name: "display", Kind: String, ReadOnly: true}, {Name: "type", Kind: String, ReadOnly: true}}},
		plural("entitlements", String), plural("roles", String), plural("x509Certificates", Binary))}
	enterprise = Schema{ID: EnterpriseSchema, Name: "EnterpriseUser", Attributes: append(text("employeeNumber", "costCenter", "organization", "division", "department"),
		Attribute{Name: "manager", Kind: Complex, Sub: []Attribute{{Name: "value", Kind: String, CaseExact: true}, {Name: "$ref", Kind: Reference, References: []string{"User"}}, {Name: "displayName", Kind: String}}})}
	groups = Schema{ID: GroupSchema, Name: "Group", Attributes: []Attribute{
		{Name: "displayName", Kind: String, Required: true},
		{Name: "members", Kind: Complex, Multi: true, Sub: []Attribute{{Name: "value", Kind: String, CaseExact: true, Immutable: true},
			{Name: "$ref", Kind: Reference, References: []string{"User", "Group"}, Immutable: true}, {Name: "display", Kind: String, ReadOnly: true}, {Name: "type", Kind: String, Immutable: true}}}}}
)

// Schemas are the schemas of the resources, without the common attributes.
func Schemas() []Schema { return []Schema{users, enterprise, groups} }

// Type is a type of resource with the schemas of which it is made.
type Type struct {
	Name       string // also of the resource's path, in the plural
	core       Schema
	extensions []Schema
}

// The types of resource.
var (
	UserType  = &Type{"User", users, []Schema{enterprise}}
	GroupType = &Type{"Group", groups, nil}
)

// find looks an attribute up by name, without regard to case.
func find(list []Attribute, name string) *Attribute {
	for i := range list {
		if strings.EqualFold(list[i].Name, name) {
			return &list[i]
		}
	}
	return nil
}

// attribute is a top-level attribute of the type's core.
func (t *Type) attribute(name string) *Attribute {
	if a := find(common, name); a != nil {
		return a
	}
	return find(t.core.Attributes, name)
}

// extension is a schema of the type other than its core, by its URN.
func (t *Type) extension(urn string) *Schema {
	for i := range t.extensions {
		if strings.EqualFold(t.extensions[i].ID, urn) {
			return &t.extensions[i]
		}
	}
	return nil
}
