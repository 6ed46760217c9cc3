using System.CommandLine;
using Lockstep.Cli.Hosting;
using Lockstep.Cli.Options;
using Lockstep.Data;
using Lockstep.Runs;

namespace Lockstep.Cli.Commands;

/// <summary>One command: its place on the command line, its arguments and options, its help, and what it does.</summary>
/// <param name="path">Such as <c>data fetch</c>.</param>
/// <param name="summary">One line for the list of commands.</param>
internal abstract class CliCommand(string path, string summary) : Command(path.Split(' ')[^1], summary)
{
    private readonly List<(string Heading, ICliOption Option)> _options = [];

    /// <summary>Its words on the command line.</summary>
    public string FullName { get; } = path;

    /// <summary>Heading in the list of commands.</summary>
    public abstract string Heading { get; }

    /// <summary>A paragraph for its help.</summary>
    public abstract string Details { get; }

    /// <summary>Command lines and what they do.</summary>
    public abstract IReadOnlyList<(string Line, string Meaning)> Examples { get; }

    /// <summary>Its options in the order of its help, each with its heading.</summary>
    public IReadOnlyList<(string Heading, ICliOption Option)> CliOptions => _options;

    /// <summary>Its arguments as they stand in a usage line, with a space before each.</summary>
    public string ArgumentUsage => string.Concat(Arguments.Select(argument => argument.Arity switch
    {
        { MinimumNumberOfValues: 0, MaximumNumberOfValues: 1 } => $" [{argument.Name}]",
        { MinimumNumberOfValues: 0 } => $" [{argument.Name}...]",
        { MaximumNumberOfValues: 1 } => $" {argument.Name}",
        _ => string.Concat(Enumerable.Repeat($" {argument.Name}", argument.Arity.MinimumNumberOfValues))
            + (argument.Arity.MaximumNumberOfValues > argument.Arity.MinimumNumberOfValues ? "..." : ""),
    }));

    /// <summary>What the process must be able to have, so that the command does not end without a reason.</summary>
    public virtual ResourceNeeds NeedsOf(Settings settings) => new();

    /// <summary>Runs the command.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="RequestException">The input is wrong.</exception>
    public abstract Task<int> RunAsync(Invocation invocation);

    /// <summary>Adds options under a heading of the help.</summary>
    protected void Take(string heading, params IReadOnlyList<ICliOption> options)
    {
        foreach (ICliOption option in options)
        {
            Add(option.Symbol);
            _options.Add((heading, option));
        }
    }

    /// <summary>Adds an argument that must be given.</summary>
    protected Argument<string> TakeArgument(string name, string help) => Take<string>(name, help, ArgumentArity.ExactlyOne);

    /// <summary>
    /// Adds an argument that is a run folder, or a checkpoint in one; a shell completes it with the runs in <c>runs/</c>.
    /// </summary>
    protected Argument<string> TakeRun(string name, string help) => CompleteRuns(TakeArgument(name, help));

    /// <summary>Adds an argument that is a data set, and may be left out.</summary>
    protected Argument<string> TakeDataset()
    {
        Argument<string> argument = Take<string>(
            "NAME|PATH",
            $"{string.Join(", ", DatasetCatalog.Names)}, or a file or folder of your own; left out, the one that train would take.",
            ArgumentArity.ZeroOrOne);
        argument.CompletionSources.Add([.. DatasetCatalog.Names]);
        return argument;
    }

    /// <summary>The folder of runs that an argument names; left out, that of <c>train</c>.</summary>
    /// <exception cref="RequestException">It does not exist.</exception>
    protected string FolderOfRuns(Invocation invocation, Argument<string> argument)
    {
        string parent = invocation.Find(argument) ?? RunFolder.DefaultParent;
        return Directory.Exists(parent) ? parent : throw new RequestException(
            $"{parent} {(File.Exists(parent) ? "is a file" : "does not exist")}. Give a folder that holds run folders"
            + $" to 'lockstep {FullName}'; 'lockstep train' makes them in runs/ of the folder where it is started.");
    }

    /// <summary>Lets a shell complete an argument with the runs in <c>runs/</c>.</summary>
    protected static Argument<T> CompleteRuns<T>(Argument<T> argument)
    {
        argument.CompletionSources.Add(_ => RunFolder.List(RunFolder.DefaultParent));
        return argument;
    }

    /// <summary>Adds an argument, or several.</summary>
    protected Argument<T> Take<T>(string name, string help, ArgumentArity arity)
    {
        var argument = new Argument<T>(name) { Description = help, Arity = arity };
        Add(argument);
        return argument;
    }
}
