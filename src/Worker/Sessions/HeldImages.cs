using Lockstep.Model.Data;

namespace Lockstep.Worker.Sessions;

/// <summary>The images of the last session, kept for the next one: a worker that joins again need not receive them again.</summary>
internal sealed class HeldImages
{
    private readonly Lock _lock = new();
    private (ImageSet Images, string Digest)? _held;

    /// <summary>The images with their digest, or null. New ones take the place of earlier ones.</summary>
    public (ImageSet Images, string Digest)? Current
    {
        get
        {
            lock (_lock)
                return _held;
        }

        set
        {
            lock (_lock)
                _held = value;
        }
    }
}
