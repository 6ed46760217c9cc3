namespace Lockstep.Chaos.Processes;

/// <summary>A disk of checkpoints that can be made to fail.</summary>
internal interface ICheckpointDisk : IDisposable
{
    /// <summary>How it fails, such as "no space left on a tmpfs of 64 MB".</summary>
    string Failing { get; }

    /// <summary>Makes every write fail.</summary>
    void Fail();

    /// <summary>Makes writes succeed again.</summary>
    void Recover();
}
