namespace Lockstep.Coordinator.Runs;

/// <summary>The consecutive phases of a step, as the parameter server sees them.</summary>
internal enum StepPhase
{
    /// <summary>Weights and assignments are posted to the links of the workers.</summary>
    Send,

    /// <summary>
    /// Workers compute and gradients are added up, until the last one has arrived; includes other work of the parameter server meanwhile.
    /// </summary>
    Gradients,

    /// <summary>The sum becomes new weights.</summary>
    Update,
}
