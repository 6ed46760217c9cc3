namespace Lockstep.Chaos.Processes;

/// <summary>The disk that checkpoints go to, which can be made to fail.</summary>
internal interface ICheckpointDisk : IDisposable
{
    /// <summary>How it fails, such as "no space left on a tmpfs of 64 MB".</summary>
    string Failing { get; }

    /// <summary>From now on nothing can be written.</summary>
    void Fail();

    /// <summary>It is as before.</summary>
    void Recover();
}
