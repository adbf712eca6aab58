package event

// Object is where, in the data of a directory's event, its published object
// stands: a DirectoryUser or a DirectoryGroup, as it was then. Machines are given
// it alone; what else is in the data is for the trail.
const Object = "object"

// RolesByApplication is where, beside Object, the person's roles in applications
// stand: an ApplicationRoles. Who receives for an application is given its roles in
// place of those that Object holds, which are the company's.
const RolesByApplication = "roles_by_application"

// ApplicationRoles are, by an application's id, the roles that a person holds in it:
// those of all the company's organizations, each once.
type ApplicationRoles map[string][]DirectoryRole

// DirectoryUser is a person of a directory in the published shape.
// OrganizationID is the company.
type DirectoryUser struct {
	ID                string           `json:"id"`
	OrganizationID    string           `json:"organization_id"`
	ProviderID        string           `json:"dp_id"` // his id at the provider
	PreferredUsername string           `json:"preferred_username"`
	Email             string           `json:"email"`
	Active            bool             `json:"active"`
	Name              string           `json:"name"`
	GivenName         string           `json:"given_name"`
	FamilyName        string           `json:"family_name"`
	Groups            []DirectoryGroup `json:"groups"`
	Roles             []DirectoryRole  `json:"roles"`
	CustomAttributes  map[string]any   `json:"custom_attributes"`
	RawAttributes     map[string]any   `json:"raw_attributes"`
}

// DirectoryGroup is a group of a directory in the published shape.
type DirectoryGroup struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// DirectoryRole is a role that a person of a directory holds, in the company or in
// an application, by the name that people see.
type DirectoryRole struct {
	Name string `json:"role_name"`
}
