namespace Lockstep.Coordinator.Runs;

/// <summary>What a step consists of, one after the other, as the parameter server sees it.</summary>
internal enum StepPhase
{
    /// <summary>Weights and assignments are posted to the links of the workers.</summary>
    Send,

    /// <summary>Workers compute and gradients are added up, until the last one is there; whatever else the parameter server does meanwhile.</summary>
    Gradients,

    /// <summary>The sum becomes new weights.</summary>
    Update,
}
