
namespace Lockstep.Wording;

/// <summary>Collects every mistake in the input, so that all are reported at once.</summary>
internal sealed class Problems
{
    private readonly List<string> _messages = [];

    /// <summary>Each a sentence or two.</summary>
    public IReadOnlyList<string> Messages => _messages;

    public void Add(string message) => _messages.Add(message);

    /// <summary>Throws if there are any.</summary>
    /// <exception cref="RequestException">There are problems; the exception has all of them.</exception>
    public void ThrowIfAny()
    {
        if (_messages.Count > 0)
            throw new RequestException([.. _messages.Distinct()]);
    }
}
