namespace Lockstep.Chaos.Plans;

/// <summary>Which coordinator a fault befalls. Who that is shows when it happens.</summary>
internal enum CoordinatorRole
{
    /// <summary>The one that trains.</summary>
    Leader,

    /// <summary>One that stands by, and that no other fault befalls.</summary>
    Standby,
}
