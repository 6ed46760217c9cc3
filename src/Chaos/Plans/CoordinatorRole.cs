namespace Lockstep.Chaos.Plans;

/// <summary>Which coordinator a fault hits; resolved when the fault happens.</summary>
internal enum CoordinatorRole
{
    /// <summary>The one that trains.</summary>
    Leader,

    /// <summary>A standby that no other fault hits.</summary>
    Standby,
}
