using System.Reflection;
using System.Xml.Linq;

namespace Lockstep.Cli.Tests;

/// <summary>The arrows between the projects: what keeps the numerics free of the cluster, and the two sides of it apart.</summary>
public class ProjectReferenceTests
{
    private static readonly string Sources = Path.Combine(FindRoot(), "src");

    [Theory]
    [InlineData("Model")]
    [InlineData("Shared", "Model")]
    [InlineData("Worker", "Model", "Shared")]
    [InlineData("Coordinator", "Model", "Shared")]
    [InlineData("Cli", "Coordinator", "Worker")]
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
            ["Cli", "Coordinator", "Lockstep", "Model", "Shared", "Worker"],
            Directory.GetFiles(Sources, "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

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
        Assert.DoesNotContain(ReferencesOf(typeof(Lockstep.Coordinator.TrainingHost)), name => name == "Lockstep.Worker");
        Assert.DoesNotContain(ReferencesOf(typeof(Lockstep.Worker.WorkerHost)), name => name == "Lockstep.Coordinator");
    }

    private static IEnumerable<string?> ReferencesOf(Type type) => type.Assembly.GetReferencedAssemblies().Select(name => name.Name);

    private static string FindRoot()
    {
        string? folder = Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location);
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("Cluster.sln is in no folder above the tests.");
    }
}
