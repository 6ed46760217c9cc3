using Lockstep.Model.Text;

namespace Lockstep.Cli.Options;

/// <summary>The options of one command among those of all commands.</summary>
/// <param name="ofCommand">Those of the command, in the order of its help.</param>
/// <param name="ofAll">Those of every command.</param>
internal sealed class OptionSet(IReadOnlyList<ICliOption> ofCommand, IReadOnlyCollection<ICliOption> ofAll)
{
    private readonly HashSet<ICliOption> _ofCommand = [.. ofCommand];

    /// <summary>Those of the command, in the order of its help.</summary>
    public IReadOnlyList<ICliOption> OfCommand { get; } = ofCommand;

    /// <summary>Those that the environment or a file may set, of whatever command.</summary>
    public IReadOnlyList<ICliOption> Settable { get; } = [.. ofAll.Where(option => !option.IsCommandLineOnly)];

    /// <summary>Other options, among the same ones of every command.</summary>
    public OptionSet Of(IReadOnlyList<ICliOption> others) => new(others, ofAll);

    /// <summary>Whether the command has an option.</summary>
    public bool Has(ICliOption option) => _ofCommand.Contains(option);

    /// <summary>The option that the environment or a file means by a key in any spelling, or null.</summary>
    public ICliOption? Find(string key) => Settable.FirstOrDefault(option => option.HasKey(key));

    /// <summary>
    /// The option that an unknown key was meant to be: what other trainers call so, else the nearest in spelling; null for none.
    /// </summary>
    public ICliOption? Nearest(string key) => Settable.FirstOrDefault(option => option.IsCalledElsewhere(key))
        ?? (Spelling.Nearest(key, Settable.Select(option => option.Key)) is { } near ? Find(near) : null);

    /// <summary>Whether a key is that of options that only a command line can set.</summary>
    public bool IsCommandLineOnly(string key) => Find(key) is null && ofAll.Any(option => option.HasKey(key));
}
