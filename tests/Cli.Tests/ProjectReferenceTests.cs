using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lockstep.Cli.Tests;

/// <summary>The arrows between the projects: what keeps the numerics free of the cluster, and the two sides of it apart.</summary>
public partial class ProjectReferenceTests
{
    private static readonly string Sources = Path.Combine(FindRoot(), "src");

    [Theory]
    [InlineData("Model")]
    [InlineData("Shared", "Model")]
    [InlineData("Worker", "Model", "Shared")]
    [InlineData("Coordinator", "Model", "Shared")]
    [InlineData("Cli", "Chaos", "Lockstep")]
    [InlineData("Chaos", "Lockstep")]
    [InlineData("Lockstep", "Coordinator", "Worker")]
    public void ProjectFile_References_AreTheArrowsOfTheDesign(string project, params string[] expected)
    {
        var document = XDocument.Load(Path.Combine(Sources, project, $"{project}.csproj"));
        IEnumerable<string> referenced = document.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Equal(expected, referenced.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Sources_Projects_AreAllPinned() =>
        Assert.Equal(
            ["Chaos", "Cli", "Coordinator", "Lockstep", "Model", "Shared", "Worker"],
            Directory.GetFiles(Sources, "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension)
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Model_Packages_AreNumericsOnly()
    {
        var document = XDocument.Load(Path.Combine(Sources, "Model", "Model.csproj"));
        IEnumerable<string> packages = document.Descendants("PackageReference").Select(package => package.Attribute("Include")!.Value);

        Assert.Empty(packages.Except(["System.IO.Hashing", "System.Numerics.Tensors"]));
    }

    [Fact]
    public void CoordinatorAndWorker_Assemblies_DoNotKnowEachOther()
    {
        Assert.DoesNotContain(ReferencesOf(typeof(Lockstep.Coordinator.Hosting.TrainingHost)), name => name == "Lockstep.Worker");
        Assert.DoesNotContain(ReferencesOf(typeof(Lockstep.Worker.Hosting.WorkerHost)), name => name == "Lockstep.Coordinator");
    }

    /// <summary>
    /// A folder may use those that stand before it here, and the project's root. The root of a program, which is where it begins, may use
    /// all.
    /// </summary>
    [Theory]
    [InlineData("Model",
        "Memory", "Simd", "Random", "Text", "Specs", "Reduction", "Data", "Kernels", "Augmenting", "Layers", "Losses", "Optimizers",
        "Training", "Evaluation")]
    [InlineData(
        "Shared", "Files", "Packing", "Checkpoints", "Restoring", "Interchange", "Tls", "Secrets", "Slicing", "Streaming", "Messages", "Cluster")]
    [InlineData("Worker", "Lanes", "Slices", "Sessions", "Hosting")]
    [InlineData("Coordinator",
        "Data", "Decisions", "Launching", "Runs", "Tracing", "Weights", "Links", "Workers", "Saving", "Evaluating", "Server", "Leading",
        "Peers", "Hosting")]
    [InlineData("Chaos", "Plans", "Network", "Watching", "Processes", "Results", "Pictures", "Sessions")]
    [InlineData("Lockstep", "Wording", "Data", "Networks", "Runs", "Interchange", "TensorBoard", "Training", "Verification", "Sweeps")]
    [InlineData("Cli",
        "Hosting", "Options", "Terminal", "Health", "Images", "Training", "Evaluation", "Predictions", "Reports", "Benchmarks",
        "Results", "Sweeps", "Board", "Commands")]
    public void Folders_OfAProject_UseOnlyThoseBelowThem(string project, params string[] fromBelow)
    {
        string root = Path.Combine(Sources, project);
        var wrong = new List<string>();
        foreach (string file in Directory.GetFiles(
            root, "*.cs", SearchOption.AllDirectories).Where(file => !BuildOutput().IsMatch(Path.GetRelativePath(root, file))))
        {
            string folders = Path.GetRelativePath(root, Path.GetDirectoryName(file)!),
            folder = folders.Split(Path.DirectorySeparatorChar)[0], text = File.ReadAllText(file);
            int place = folder != "." ? Array.IndexOf(fromBelow, folder) : project == "Cli" ? fromBelow.Length : -1;
            if (folder != "." && place < 0)
                wrong.Add($"{folder} has no place");
            string own = project == "Lockstep" ? project : $"Lockstep.{project}",
            expected = folder == "." ? own : $"{own}.{folders.Replace(Path.DirectorySeparatorChar, '.')}";
            if (!text.Contains($"\nnamespace {expected};", StringComparison.Ordinal)
                && !text.StartsWith($"namespace {expected};", StringComparison.Ordinal))
                wrong.Add($"{Path.GetRelativePath(root, file)} is not in the namespace {expected}");
            foreach (Match used in NamespaceOf(project).Matches(text))
            {
                if (used.Groups[1].Value != folder && Array.IndexOf(fromBelow, used.Groups[1].Value) is var other && other >= place)
                    wrong.Add($"{Path.GetRelativePath(root, file)} uses {used.Groups[1].Value}");
            }
        }

        Assert.Empty(wrong.Distinct());
    }

    [GeneratedRegex(@"^(obj|bin)\b")]
    private static partial Regex BuildOutput();

    private static Regex NamespaceOf(string project) =>
        new($@"^using (?:static )?(?:\w+ = )?Lockstep\.{(project == "Lockstep" ? "" : $"{project}\\.")}(\w+)", RegexOptions.Multiline);

    private static IEnumerable<string?> ReferencesOf(Type type) => type.Assembly.GetReferencedAssemblies().Select(name => name.Name);

    private static string FindRoot()
    {
        string? folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Cluster.sln is in no folder above the tests.");
    }
}
