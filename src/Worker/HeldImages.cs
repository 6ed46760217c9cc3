using Lockstep.Model.Data;

namespace Lockstep.Worker;

/// <summary>The images of the last session, kept for the next one: a worker that joins again need not receive them again.</summary>
internal sealed class HeldImages
{
    private readonly Lock _lock = new();
    private (ImageSet Images, string Sha256)? _held;

    /// <summary>The images with their digest, or null.</summary>
    public (ImageSet Images, string Sha256)? Current
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    /// <summary>Keeps these instead of earlier ones.</summary>
    public void Keep(ImageSet images)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_held?.Images, images))
                _held = (images, images.Sha256());
        }
    }
}
